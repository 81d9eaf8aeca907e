"""Run the services for other programs: `python -m girder_tiles.embedded STATE ANNOUNCE PIPE`.

Writes the addresses to the JSON file ANNOUNCE (or the error why there are none), and stops when
nobody holds the named pipe PIPE open for writing any more.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from girder_tiles.embedded.errors import StartError
from girder_tiles.embedded.stack import Stack


def main() -> int:
    """Serve until the pipe closes."""
    state, announce, pipe = map(Path, sys.argv[1:])
    with pipe.open("rb") as owners:
        try:
            with Stack(state) as stack:
                _write(announce, _describe(stack))
                owners.read()
        except StartError as exc:
            _write(announce, {"error": str(exc)})
            return 1
    return 0


def _describe(stack: Stack) -> dict[str, Any]:
    assert stack.site is not None
    return {
        "api_url": stack.api_url,
        "mongo_uri": stack.mongo_uri,
        "redis_url": stack.redis_url,
        "login": stack.site.login,
        "password": stack.site.password,
        "folder_id": stack.site.folder_id,
        "state": str(stack.state.folder),
        "descriptions": {
            name: service.spec.description for name, service in stack.services.items()
        },
    }


def _write(path: Path, content: dict[str, Any]) -> None:
    partial = path.with_suffix(".partial")
    partial.touch(mode=0o600)
    partial.write_text(json.dumps(content), encoding="utf-8")
    os.replace(partial, path)  # readers see all of it or nothing


if __name__ == "__main__":
    sys.exit(main())
