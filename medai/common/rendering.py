"""Forms rendered with our components wherever they come from: our views, allauth, `{{ form }}`, a formset."""

from typing import Any

from django.forms.renderers import TemplatesSetting

CHOICES = {
    "django/forms/widgets/radio.html": "components/widgets/choices.html",
    "django/forms/widgets/checkbox_select.html": "components/widgets/choices.html",
    "django/forms/widgets/clearable_file_input.html": "components/widgets/upload.html",
    "django/forms/widgets/file.html": "components/widgets/upload.html",
}
PLAIN = {"hidden", "file", "image", "submit", "button"}


def _is_admin(attrs: dict[str, Any]) -> bool:
    """The Django admin marks its widgets ("vTextField", "radiolist"); they keep their own look."""
    return any(name[:1] == "v" or name.startswith("radiolist") for name in attrs.get("class", "").split())


def dress(widget: dict[str, Any]) -> None:
    """Add the class our stylesheet knows to a widget's attributes and to those of the widgets inside it."""
    attrs = widget["attrs"]
    kind = widget.get("type", "")
    if kind in {"checkbox", "radio"}:
        _add(attrs, "check")
    elif kind not in PLAIN and not widget.get("is_hidden"):
        _add(attrs, "input")
    for child in widget.get("subwidgets", []):
        dress(child)
    for _group, options, _index in widget.get("optgroups", []):
        for option in options:
            if option.get("type") in {"checkbox", "radio"}:
                _add(option["attrs"], "check")


def _add(attrs: dict[str, Any], name: str) -> None:
    classes = str(attrs.get("class", "")).split()
    if name not in classes:
        attrs["class"] = " ".join([*classes, name])


class ComponentRenderer(TemplatesSetting):
    form_template_name = "components/form.html"
    formset_template_name = "components/formset.html"
    field_template_name = "components/field.html"

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        widget = context.get("widget")
        if widget is not None and not _is_admin(widget["attrs"]):
            dress(widget)
            template_name = CHOICES.get(template_name, template_name)
        return super().render(template_name, context, request)
