/** The files of media/sample-mesh; a browser cannot list the folder that an extension came in. */
export const SAMPLE_FILES: readonly string[] = [
  'README.md',
  'shop/cart.yaml',
  'shop/catalog.yaml',
  'shop/exchange-rates.yaml',
  'shop/namespace.yaml',
  'shop/payments.yaml',
  'shop/prices.yaml',
  'shop/recommendations.yaml',
  'shop/reviews.yaml',
  'shop/storefront.yaml',
  'talk/httpbin.yaml',
  'talk/ingress.yaml',
];
