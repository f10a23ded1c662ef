/** One file of generated YAML, and how many resources it holds. */
export interface GeneratedFile {
  readonly name: string;
  readonly text: string;
}

/** Resources of one application: Service, Deployment, VirtualService, DestinationRule, AuthorizationPolicy. */
const PER_APPLICATION = 5;
const APPLICATIONS_PER_NAMESPACE = 40;

/**
 * A mesh of about `resources` resources, the same for the same number: applications in namespaces of forty, one file each, every
 * application with a canary, a header match and a policy. Complete and correct, so that rules have to look at everything.
 */
export function generateMesh(resources: number): GeneratedFile[] {
  const applications = Math.ceil(resources / PER_APPLICATION);
  const files: GeneratedFile[] = [];
  for (let i = 0; i < applications; i++) {
    const namespace = `team-${Math.floor(i / APPLICATIONS_PER_NAMESPACE)}`;
    if (i % APPLICATIONS_PER_NAMESPACE === 0)
      files.push({ name: `${namespace}/namespace.yaml`, text: namespaceText(namespace) });
    files.push({
      name: `${namespace}/app-${i}.yaml`,
      text: applicationText(`app-${i}`, namespace, `app-${i + 1 < applications ? i + 1 : 0}`),
    });
  }
  return files;
}

function namespaceText(name: string): string {
  return `apiVersion: v1
kind: Namespace
metadata:
  name: ${name}
  labels:
    istio-injection: enabled
`;
}

function applicationText(name: string, namespace: string, next: string): string {
  return `apiVersion: v1
kind: Service
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  selector:
    app: ${name}
  ports:
    - name: http
      port: 80
      targetPort: 8080
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  replicas: 2
  selector:
    matchLabels: { app: ${name}, version: v1 }
  template:
    metadata:
      labels: { app: ${name}, version: v1 }
    spec:
      serviceAccountName: ${name}
      containers:
        - name: app
          image: registry.example/${name}:1 # asks ${next} now and then
          ports:
            - containerPort: 8080
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  hosts:
    - ${name}
  http:
    - name: api
      match:
        - uri:
            prefix: /api
          headers:
            x-tester:
              exact: "yes"
      route:
        - destination: { host: ${name}, subset: v1 }
    - name: rest
      route:
        - destination: { host: ${name}, subset: v1 }
          weight: 90
        - destination: { host: ${name} }
          weight: 10
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  host: ${name}
  subsets:
    - name: v1
      labels: { version: v1 }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  selector:
    matchLabels: { app: ${name} }
  rules:
    - from:
        - source: { namespaces: [${namespace}] }
`;
}
