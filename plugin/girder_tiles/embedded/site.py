"""What a new Girder needs before a first upload: an administrator, an assetstore, a folder."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from girder_client import AuthenticationError, GirderClient, HttpError

from girder_tiles.embedded.errors import StartError

LOGIN = "admin"
COLLECTION = "Images"
FOLDER = "Demo"
FILESYSTEM_ASSETSTORE = 0


@dataclass(frozen=True, kw_only=True)
class Site:
    """Who may log in, and where uploads go."""

    api_url: str
    login: str
    password: str
    folder_id: str

    def client(self) -> GirderClient:
        """Return a client of the administrator."""
        client = GirderClient(apiUrl=self.api_url)
        client.authenticate(self.login, self.password)
        return client


def prepare_site(api_url: str, password: str, assetstore: Path) -> Site:
    """Return the site, making what is not there yet."""
    client = GirderClient(apiUrl=api_url)
    _log_in(client, password)
    if not client.get("assetstore"):
        _make_assetstore(client, assetstore)
    collection = _first(client.listCollection(), COLLECTION) or client.createCollection(
        COLLECTION, public=True
    )
    folders = client.listFolder(collection["_id"], parentFolderType="collection")
    folder = _first(folders, FOLDER) or client.createFolder(
        collection["_id"], FOLDER, parentType="collection", public=True
    )
    return Site(api_url=api_url, login=LOGIN, password=password, folder_id=folder["_id"])


def _first(documents: Any, name: str) -> dict[str, Any] | None:
    return next((document for document in documents if document["name"] == name), None)


def _log_in(client: GirderClient, password: str) -> None:
    try:
        client.authenticate(LOGIN, password)
    except AuthenticationError:
        _make_administrator(client, password)
        client.authenticate(LOGIN, password)


def _make_administrator(client: GirderClient, password: str) -> None:
    """Register the first user, who becomes the administrator."""
    try:
        client.post(
            "user",
            data={  # in the body: the server's log shows the URL
                "login": LOGIN,
                "email": "admin@localhost.localdomain",
                "firstName": "Ada",
                "lastName": "Admin",
                "password": password,
            },
        )
    except HttpError as exc:
        raise StartError(
            f"Girder would not make the user `{LOGIN}`: {_message(exc)} If the database has one, "
            "give its password in GIRDER_TILES_DEMO_PASSWORD."
        ) from exc


def _make_assetstore(client: GirderClient, root: Path) -> None:
    client.post(
        "assetstore",
        parameters={"name": "Files", "type": FILESYSTEM_ASSETSTORE, "root": str(root)},
    )


def _message(error: HttpError) -> str:
    try:
        return str(error.response.json()["message"])
    except (ValueError, KeyError):
        return str(error)
