"""Private files in a bucket, for deployments. A module of its own, since its client is slow to load."""

from django.utils.deconstruct import deconstructible
from storages.backends.s3 import S3Storage

from medai.common.files.storage import NoAddress


@deconstructible
class PrivateS3Storage(NoAddress, S3Storage):
    """A bucket that nobody reads but through us; the AWS_* settings of django-storages say which."""

    def get_default_settings(self) -> dict[str, object]:
        return {
            **super().get_default_settings(),
            "default_acl": None,  # buckets refuse access lists by default; theirs is closed anyway
            "file_overwrite": False,
            "querystring_auth": True,
        }
