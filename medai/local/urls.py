from django.urls import path, re_path

from medai.common.views import page_not_found
from medai.local import mailbox

app_name = "local"
urlpatterns = [
    path("mailbox/", mailbox.mailbox, name="mailbox"),
    path("mailbox/<str:key>/", mailbox.letter, name="letter"),
    path("mailbox/<str:key>/html/", mailbox.letter_html, name="letter-html"),
    path("mailbox/<str:key>/attachments/<int:number>/", mailbox.attachment, name="attachment"),
    # The product's own page, where Django would list its routes for developers. Only addresses that end in a
    # slash: without one, the redirect that adds it is tried first.
    re_path(r"^(?:.*/)?$", page_not_found, name="not-found"),
]
