"""Pages for people: a request to pay and to answer, a form that makes one, and a reader for any message."""

from gateway.pages import index, messages, new, request, static, verify

ROUTERS = (index.router, new.router, request.router, messages.router, verify.router, static.router)
