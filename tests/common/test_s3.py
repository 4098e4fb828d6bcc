"""Private files in a bucket behave as on the disk: no address, read by us only."""

from collections.abc import Iterator

import pytest
from django.core.files.base import ContentFile
from moto.server import ThreadedMotoServer

from medai.common.files.s3 import PrivateS3Storage


@pytest.fixture
def bucket(monkeypatch) -> Iterator[PrivateS3Storage]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    storage = PrivateS3Storage(
        bucket_name="private", region_name="us-east-1", endpoint_url=f"http://{host}:{port}"
    )
    storage.connection.create_bucket(Bucket="private")
    yield storage
    server.stop()


def test_files_are_written_read_and_never_overwritten(bucket):
    first = bucket.save("credentials/a.pdf", ContentFile(b"%PDF-one"))
    second = bucket.save("credentials/a.pdf", ContentFile(b"%PDF-two"))
    assert first != second
    with bucket.open(first) as stored:
        assert stored.read() == b"%PDF-one"
    with pytest.raises(FileNotFoundError):
        bucket.open("credentials/none.pdf")
    bucket.delete(first)
    assert not bucket.exists(first)


def test_a_bucket_has_no_addresses_either(bucket):
    name = bucket.save("credentials/a.pdf", ContentFile(b"%PDF"))
    with pytest.raises(ValueError, match="no address"):
        bucket.url(name)
