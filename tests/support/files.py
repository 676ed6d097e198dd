"""Files that consumers and staff send."""


def make_pdf(mark: str) -> bytes:
    """A PDF of about 10 KB that differs by ``mark``."""
    return f"%PDF-1.7\n{mark}\n".encode() + bytes(range(256)) * 40 + b"\n%%EOF"


def make_jpeg(mark: str) -> bytes:
    """A JPEG of about 10 KB that differs by ``mark``."""
    return b"\xff\xd8\xff\xe0" + mark.encode() + bytes(reversed(range(256))) * 40 + b"\xff\xd9"
