from django.urls import path

from medai.local import mailbox

app_name = "local"
urlpatterns = [
    path("mailbox/", mailbox.mailbox, name="mailbox"),
    path("mailbox/<str:key>/", mailbox.letter, name="letter"),
    path("mailbox/<str:key>/html/", mailbox.letter_html, name="letter-html"),
    path("mailbox/<str:key>/attachments/<int:number>/", mailbox.attachment, name="attachment"),
]
