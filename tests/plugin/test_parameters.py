"""Values that make no sense are refused with a sentence, on every route and parameter."""

import numpy as np
import pytest
import tifffile

from girder_tiles import describe, tile_routes
from girder_tiles.errors import BadParameter
from tests.e2e.items import fetch, pixels, upload
from tests.e2e.slides import write_slide

ROUTES = {
    "zxy/0/0/0": tile_routes.ZXY,
    "fzxy/0/0/0/0": tile_routes.FZXY,
    "region": tile_routes.REGION,
    "thumbnail": tile_routes.THUMBNAIL,
    "images/label": tile_routes.ASSOCIATED,
    "dzi.dzi": tile_routes.DEEP_ZOOM,
    "dzi_files/0/0_0.jpg": tile_routes.DEEP_ZOOM,
}
SENSELESS = ("nan", "inf", "-inf", "1e400", "9" * 30, "9" * 400, "-9" * 20, "", "x", "0x10", "1;2")
CASES = [
    (route, parameter.name)
    for route, group in ROUTES.items()
    for parameter in group
    if parameter.kind in ("integer", "number") and not parameter.path
]


@pytest.fixture(scope="module")
def slide(admin, tmp_path_factory):
    """One item for all: nothing is changed here."""
    folder = admin.createCollection("parameters " + tmp_path_factory.getbasetemp().name)
    place = admin.createFolder(folder["_id"], "files", parentType="collection", public=False)
    path = tmp_path_factory.mktemp("slide") / "slide.svs"
    write_slide(path, 700, 500)
    return upload(admin, place, path)


@pytest.mark.parametrize(("route", "name"), CASES)
def test_a_senseless_number(admin, slide, route, name):
    for value in SENSELESS:
        answer = fetch(admin, f"item/{slide}/tiles/{route}", **{name: value})
        assert answer.status_code == 400, (value, answer.text[:200])
        assert len(answer.json()["message"]) > 20


@pytest.mark.parametrize(
    "name", ["regionWidth", "regionHeight", "width", "height", "mm_x", "frame"]
)
def test_a_negative_size(admin, slide, name):
    assert fetch(admin, f"item/{slide}/tiles/region", **{name: -1}).status_code == 400


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("zxy/99/0/0", 404), ("zxy/0/1/0", 404), ("zxy/0/0/1", 404), ("zxy/-1/0/0", 400),
        ("zxy/0/0/nan", 400), ("zxy/0/0/1.5", 400), (f"zxy/{9**40}/0/0", 400),
        (f"zxy/0/{'9' * 400}/0", 400),
        ("zxy/2147483647/0/0", 404), ("zxy/0/2147483647/0", 404),
        ("fzxy/1/0/0/0", 400), ("fzxy/-1/0/0/0", 400), ("fzxy/x/0/0/0", 400),
        ("dzi_files/99/0_0.jpg", 400), ("dzi_files/40/0_0.jpg", 404),
        ("dzi_files/0/1_0.jpg", 404), ("dzi_files/0/0_0.gif", 400), ("dzi_files/0/x.jpg", 400),
        ("images/..%2F..%2Fetc%2Fpasswd", 400), ("images/%00", 404), ("images/%F0%9F%98%80", 404),
    ],
)  # fmt: skip
def test_a_path_that_names_nothing(admin, slide, path, expected):
    answer = fetch(admin, f"item/{slide}/tiles/{path}")
    assert answer.status_code == expected, answer.text[:300]


@pytest.mark.parametrize(
    ("route", "parameters"),
    [
        ("zxy/0/0/0", {"edge": "plaid"}),
        ("zxy/0/0/0", {"encoding": "EXE"}),
        ("region", {"encoding": "pickle"}),
        ("region", {"units": "parsec"}),
        ("region", {"left": 100, "right": 100}),
        ("region", {"left": 5000}),
        ("region", {"magnification": 7, "exact": "true"}),
        ("region", {"unitsWH": "parsec", "regionWidth": 1}),
        ("region", {"style": '{"band": 1}'}),
        ("zxy/0/0/0", {"style": '{"band": 1}'}),
        ("region", {"tiffCompression": "magic", "encoding": "TIFF"}),
        ("region", {"fill": "plaid", "width": 10, "height": 20}),
        ("region", {"mm_x": "1e-320"}),
        ("region", {"width": 66_000, "regionHeight": 1}),
        ("region", {"width": 17_000, "regionHeight": 1, "encoding": "WEBP"}),
        ("region", {"contentDisposition": "elsewhere"}),
        ("dzi.dzi", {"encoding": "TIFF"}),
        ("dzi.dzi", {"tilesize": 16, "overlap": 17}),
    ],
)
def test_a_choice_that_there_is_not(admin, slide, route, parameters):
    answer = fetch(admin, f"item/{slide}/tiles/{route}", **parameters)
    assert answer.status_code == 400, answer.text[:300]


@pytest.mark.parametrize(
    ("route", "parameters"),
    [
        ("region", {"width": 1_000_000}),
        ("region", {"magnification": 1_000_000}),
        ("region", {"mm_x": 1e-12, "mm_y": 1e-12}),
        ("region", {"width": 100_000, "height": 100_000, "fill": "#ffffff"}),
        ("thumbnail", {"width": 1_000_000}),
        ("images/label", {"width": 1_000_000, "height": 1_000_000}),
        ("images/label", {"width": 2_147_483_647}),
        ("images/label", {"height": 2_147_483_647}),
    ],
)
def test_a_result_that_is_too_large(admin, slide, route, parameters):
    answer = fetch(admin, f"item/{slide}/tiles/{route}", **parameters)
    assert answer.status_code == 400, answer.text[:300]
    assert "100000000" in answer.json()["message"]


@pytest.mark.parametrize(
    ("edge", "size"), [("false", (256, 256)), ("crop", (188, 244)), ("#ff0000", (256, 256))]
)
def test_edges(admin, slide, edge, size):
    tile = pixels(fetch(admin, f"item/{slide}/tiles/zxy/2/2/1", edge=edge, encoding="PNG"))
    assert tile.shape[:2] == (size[1], size[0])
    if edge.startswith("#"):
        assert tile[-1, -1, :3].tolist() == [255, 0, 0]


def test_a_download_has_a_name(admin, slide):
    answer = fetch(admin, f"item/{slide}/tiles/thumbnail", contentDisposition="attachment")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="slide.svs.jpg"'


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("a.jpg", 'inline; filename="a.jpg"'),
        ("groß.jpg", "inline; filename=\"gro.jpg\"; filename*=UTF-8''gro%C3%9F.jpg"),
        ('a"\\\n.jpg', "inline; filename=\"a___.jpg\"; filename*=UTF-8''a%22%5C%0A.jpg"),
    ],
)
def test_a_download_has_any_name(admin, slide, name, header):
    wanted = {"contentDisposition": "inline", "contentDispositionFilename": name}
    answer = fetch(admin, f"item/{slide}/tiles/thumbnail", **wanted)
    assert answer.headers["Content-Disposition"] == header


def test_of_deep_pixels_fewer_are_allowed(admin, folder, tmp_path):
    path = tmp_path / "deep.tif"
    deep = np.zeros((100, 120, 100), np.float32)
    tifffile.imwrite(path, deep, photometric="minisblack", planarconfig="contig")
    item = upload(admin, folder, path)
    for route, parameters in {
        "region": {"width": 2000}, "thumbnail": {"width": 2000},
        "region?fill=%23ff0000": {"width": 120, "height": 20_000},
    }.items():  # fmt: skip
        answer = fetch(admin, f"item/{item}/tiles/{route}", **parameters)
        assert (answer.status_code, "1000000" in answer.text) == (400, True), answer.text[:300]
    assert fetch(admin, f"item/{item}/tiles/zxy/0/0/0").status_code == 200


def test_a_parameter_checks_its_limits():
    parameter = describe.Parameter(name="q", text="", kind="integer", minimum=1, maximum=5)
    assert parameter.checked(5) == 5
    with pytest.raises(BadParameter, match="q must be from 1 to 5, not 6"):
        parameter.checked(6)
