// Shows the API's description with Swagger UI, all of it from this server.
const docs = document.getElementById("docs");

window.SwaggerUIBundle({
  url: docs.dataset.schema,
  domNode: docs,
  deepLinking: true,
  docExpansion: "list",
  validatorUrl: null,
  requestInterceptor(request) {
    request.headers["Accept"] = request.headers["Accept"] || "application/json";
    if (request.method && request.method.toUpperCase() === "POST") {
      request.headers["X-CSRFToken"] = docs.dataset.csrf;
    }
    return request;
  },
});
