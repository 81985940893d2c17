"use strict";

window.ui = SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  // The token stays in this page's memory and goes with it.
  persistAuthorization: false,
  // The document is checked where it is made; nothing is sent elsewhere.
  validatorUrl: null,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
});
