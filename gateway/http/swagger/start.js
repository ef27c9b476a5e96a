// The validator would send the description to another host.
SwaggerUIBundle({ url: "openapi.json", dom_id: "#swagger-ui", validatorUrl: null, tryItOutEnabled: true });
