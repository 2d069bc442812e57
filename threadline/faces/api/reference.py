"""The API's own description, for programs; the readable page is made from it elsewhere."""

from __future__ import annotations

from threadline.faces.api import answers
from threadline.faces.api.calls import Call
from threadline.faces.api.endpoints import endpoint
from threadline.faces.api.openapi import openapi_document
from threadline.kernel.idempotency import Answer


@endpoint("GET", "openapi.json", "Read this document", section="house", public=True, cost=20, answers={200: "Document"})
def read_openapi(call: Call) -> Answer:
    """The OpenAPI 3.1 document; with a key or signed in, your workspace's own fields are in it."""
    return answers.one(openapi_document(call.caller))
