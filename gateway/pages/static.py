"""Style, scripts and the JavaScript reader: the files of this package, read once, and nothing else of the disk.

`reader` is a symbolic link to examples/javascript, so that a wheel holds those very files.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import Response

_FOLDERS = ("static", "reader")
_MEDIA_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_FOREVER = "public, max-age=31536000, immutable"

router = APIRouter(include_in_schema=False)


@router.get("/static/{given}/{path:path}")
async def get_static(given: str, path: str) -> Response:
    """Under the version that the pages name it is kept for ever; under another it is what there is now."""
    content = _contents().get(path)
    if content is None:
        raise HTTPException(404)
    caching = _FOREVER if given == version() else "no-cache"
    return Response(content, headers={"Cache-Control": caching}, media_type=_MEDIA_TYPES[path.rpartition(".")[2]])


@cache
def version() -> str:
    """The same wherever the same files are served."""
    digest = hashlib.sha256()
    for path, content in sorted(_contents().items()):
        digest.update(path.encode() + b"\0" + content + b"\0")
    return digest.hexdigest()[:16]


@cache
def _contents() -> dict[str, bytes]:
    return {
        f"{folder}/{file.name}": file.read_bytes()
        for folder in _FOLDERS
        for file in files(__package__).joinpath(folder).iterdir()
        if file.name.rpartition(".")[2] in _MEDIA_TYPES
    }
