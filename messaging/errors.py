"""What messaging refuses."""

from django.utils.translation import gettext_lazy as _

from medai.common.errors import InvalidInput, NotFound


class NoticeNotFound(NotFound):
    code = "notice_not_found"
    message = _("This notification does not exist, or it is not yours.")


class QuietHoursInvalid(InvalidInput):
    code = "quiet_hours_invalid"
    message = _("Quiet hours need a beginning and an end that differ, such as 21:00 and 7:00.")
