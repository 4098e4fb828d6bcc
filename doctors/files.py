"""The private files of this app that may be served through signed links."""

from medai.common.files import serve_file

serve_file("doctors.credential", "file")
