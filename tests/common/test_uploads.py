"""What is uploaded is looked into: its type, its size, its soundness, and viruses where a scanner runs."""

import hashlib
import io
import socket
import struct
import threading
import zlib
from collections.abc import Iterator

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts import pictures
from medai.common.errors import DomainError, ServiceUnavailable
from medai.common.files import (
    FileEmpty,
    FileInfected,
    FileTooLarge,
    FileTypeMismatch,
    PrivateFileSystemStorage,
    PrivatePath,
    check_upload,
    safe_image,
)

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def picture(kind: str = "PNG", size: tuple[int, int] = (30, 20), **options: object) -> bytes:
    output = io.BytesIO()
    Image.new("RGB", size, "teal").save(output, kind, **options)
    return output.getvalue()


def upload(name: str, contents: bytes, claimed: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, contents, content_type=claimed)


@pytest.mark.parametrize(
    ("name", "contents", "kind", "extension"),
    [
        ("diploma.pdf", PDF, "application/pdf", ".pdf"),
        ("Título médico.PDF", PDF, "application/pdf", ".pdf"),
        ("scan.jpeg", picture("JPEG"), "image/jpeg", ".jpg"),
        ("scan.png", picture("PNG"), "image/png", ".png"),
    ],
)
def test_documents_are_taken_for_what_they_are(name, contents, kind, extension):
    checked = check_upload(upload(name, contents, kind))
    assert (checked.content_type, checked.size) == (kind, len(contents))
    assert checked.sha256 == hashlib.sha256(contents).hexdigest()
    assert checked.file.name.endswith(extension)
    assert checked.file.read() == contents


HTML = b"<!doctype html><script>alert(document.cookie)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("name", "contents", "claimed"),
    [
        ("diploma.pdf", HTML, "application/pdf"),
        ("diploma.pdf", picture("PNG"), "application/pdf"),
        ("diploma.png", PDF, "image/png"),
        ("photo.png", picture("JPEG"), "image/png"),
        ("photo.jpg", picture("JPEG"), "text/html"),
        ("photo.html", picture("JPEG"), "image/jpeg"),
        ("photo.svg", SVG, "image/svg+xml"),
        ("virus.exe", b"MZ" + bytes(200), "application/octet-stream"),
        ("photo.gif", picture("GIF"), "image/gif"),
        ("cut.png", picture("PNG")[:40], "image/png"),
        ("cut.pdf", PDF[:30], "application/pdf"),
        ("nonsense.bin", bytes(range(256)), "application/octet-stream"),
        ("noextension", PDF, "application/pdf"),
    ],
)
def test_an_upload_that_lies_about_its_type_is_refused(name, contents, claimed):
    with pytest.raises(FileTypeMismatch) as refusal:
        check_upload(upload(name, contents, claimed), field="document")
    assert refusal.value.field == "document"
    assert "PDF" in str(refusal.value)


def test_size_is_limited_even_where_the_upload_lies_about_it():
    with pytest.raises(FileTooLarge):
        check_upload(upload("a.pdf", PDF + bytes(100), "application/pdf"), largest=100)
    liar = upload("a.pdf", PDF + bytes(100), "application/pdf")
    liar.size = 5
    with pytest.raises(FileTooLarge):
        check_upload(liar, largest=100)
    with pytest.raises(FileEmpty):
        check_upload(upload("a.pdf", b"", "application/pdf"))


def test_a_picture_made_to_fill_the_memory_is_refused():
    header = b"IHDR" + struct.pack("!IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    small = picture("PNG")
    bomb = small[:12] + header + struct.pack("!I", zlib.crc32(header)) + small[33:]
    with pytest.raises(FileTypeMismatch):
        check_upload(upload("bomb.png", bomb, "image/png"))


def test_a_photo_is_drawn_anew_without_what_the_camera_noted():
    notes = Image.Exif()
    notes[0x010F] = "PhoneMaker"
    notes[0x0112] = 6  # lying on its side
    contents = picture("JPEG", (3000, 2000), exif=notes) + b"<script>appended</script>"
    photo = safe_image(upload("me.jpg", contents, "image/jpeg"), side=512)
    drawn = photo.read()
    assert b"PhoneMaker" not in drawn
    assert b"script" not in drawn
    with Image.open(io.BytesIO(drawn)) as image:
        assert (image.format, image.size, dict(image.getexif())) == ("JPEG", (341, 512), {})


def test_a_photo_is_taken_whatever_the_camera_noted():
    notes = Image.Exif()
    notes[0x0112] = 6  # lying on its side
    notes[0x8825] = {2: (4.0, 36.0, 0.0)}
    # A place in bytes, where fractions should be.
    written = notes.tobytes().replace(
        b"\x00\x02\x00\x05\x00\x00\x00\x03", b"\x00\x02\x00\x01\x00\x00\x00\x03"
    )
    assert written != notes.tobytes()
    contents = picture("JPEG", (300, 200), exif=written)
    for drawn in (
        safe_image(upload("me.jpg", contents, "image/jpeg"), side=150),
        pictures.square(upload("me.jpg", contents, "image/jpeg")),
    ):
        with Image.open(drawn) as image:
            assert image.size in ((100, 150), (200, 200))


def test_a_picture_that_breaks_off_is_refused():
    whole = picture("JPEG", (300, 200))
    for kind, contents in (("jpeg", whole[: len(whole) // 2]), ("png", picture("PNG", (300, 200))[:-60])):
        with pytest.raises(DomainError) as refused:
            safe_image(upload(f"photo.{kind}", contents, f"image/{kind}"))
        assert refused.value.code == "file_type_mismatch"


def test_stored_files_have_unguessable_names_and_no_address(tmp_path):
    storage = PrivateFileSystemStorage(location=tmp_path)
    names = {PrivatePath("credentials")(None, "../../Ana Torres cédula.pdf") for _ in range(3)}
    assert len(names) == 3
    [first, *_] = names
    assert first.startswith("credentials/2")
    assert first.endswith(".pdf")
    assert "Ana" not in first
    saved = storage.save(first, upload("x.pdf", PDF, "application/pdf"))
    assert (tmp_path / saved).stat().st_mode & 0o077 == 0
    assert (tmp_path / "credentials").stat().st_mode & 0o077 == 0
    with pytest.raises(ValueError, match="no address"):
        storage.url(saved)


class Daemon(threading.Thread):
    """Speaks clamd's INSTREAM; finds the industry's test virus, and answers what it is told to otherwise."""

    def __init__(self, verdict: bytes = b"") -> None:
        super().__init__(daemon=True)
        self.verdict = verdict
        self.server = socket.create_server(("127.0.0.1", 0))
        self.address = f"tcp://127.0.0.1:{self.server.getsockname()[1]}"

    def run(self) -> None:
        connection, _ = self.server.accept()
        with connection, connection.makefile("rb") as stream:
            assert stream.read(10) == b"zINSTREAM\0"
            contents = b""
            while (length := struct.unpack("!L", stream.read(4))[0]) > 0:
                contents += stream.read(length)
            found = b"stream: Eicar-Test-Signature FOUND" if EICAR in contents else b"stream: OK"
            connection.sendall((self.verdict or found) + b"\0")


@pytest.fixture
def daemon(settings) -> Iterator[type[Daemon]]:
    started: list[Daemon] = []

    def start(verdict: bytes = b"") -> None:
        started.append(Daemon(verdict))
        started[-1].start()
        settings.CLAMAV_ADDRESS = started[-1].address

    yield start
    for one in started:
        one.server.close()
        one.join(5)


@pytest.mark.parametrize(
    ("contents", "verdict", "refusal"),
    [
        (PDF, b"", None),
        (PDF + bytes(200_000) + b"%%EOF", b"", None),
        (PDF.replace(b"<<>>", EICAR), b"", FileInfected),
        (PDF, b"INSTREAM size limit exceeded. ERROR", ServiceUnavailable),
    ],
)
def test_the_scanner_has_its_say(daemon, contents, verdict, refusal):
    daemon(verdict)
    document = upload("a.pdf", contents, "application/pdf")
    if refusal is None:
        assert check_upload(document).size == len(contents)
    else:
        with pytest.raises(refusal):
            check_upload(document)


def test_a_scanner_that_does_not_answer_lets_nothing_in(settings):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        settings.CLAMAV_ADDRESS = f"tcp://127.0.0.1:{closed.getsockname()[1]}"
    with pytest.raises(DomainError) as refusal:
        check_upload(upload("a.pdf", PDF, "application/pdf"))
    assert refusal.value.status == 503
