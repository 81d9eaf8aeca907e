"""What Girder sees of the plugin."""

import logging

from girder_tiles import plugin
from tests.e2e.items import fetch


def test_clients_of_large_image_find_the_plugin(admin):
    assert "large_image" in fetch(admin, "system/plugins").json()["all"]


def test_all_routes_are_documented(admin):
    paths = fetch(admin, "describe").json()["paths"]
    documented = {path for path in paths if path.startswith("/item/{itemId}/tiles")}
    assert len(documented) == 9
    region = paths["/item/{itemId}/tiles/region"]["get"]["parameters"]
    assert {"left", "regionWidth", "units", "encoding"} <= {each["name"] for each in region}


def test_a_server_without_a_built_viewer_starts_and_says_so(monkeypatch, tmp_path, caplog):
    monkeypatch.setattr(plugin, "WEB_CLIENT", tmp_path)
    with caplog.at_level(logging.WARNING):
        plugin.add_web_client(tree=None)
    assert "girder-tiles.umd.cjs and style.css is not built" in caplog.text
