// Shows the API's description with Swagger UI, both served by the portal itself.
"use strict";

const page = document.getElementById("swagger-ui");
window.ui = window.SwaggerUIBundle({
  url: page.dataset.description,
  domNode: page,
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: "list",
  persistAuthorization: false,
  presets: [window.SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  // No request to a validator elsewhere.
  validatorUrl: null,
});
