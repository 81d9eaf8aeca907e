"""What an upload says of itself."""

import json

import pytest
from bson import ObjectId

from girder_tiles.results import Reference

JOB = "0123456789abcdef01234567"


def test_a_reference_names_a_job():
    text = json.dumps({"girder_tiles": {"jobId": JOB}})
    assert Reference.parse(text) == Reference(ObjectId(JOB))


@pytest.mark.parametrize(
    "text",
    [None, "", "{", "[]", "1", '"girder_tiles"', '{"girder_tiles": 1}', '{"other": {"jobId": 1}}',
     "[" * 20_000, '{"girder_tiles": {"jobId": "x"}}', '{"girder_tiles": {"jobId": {"$ne": 1}}}'],
)  # fmt: skip
def test_anything_else_is_none_of_ours(text):
    assert Reference.parse(text) is None
