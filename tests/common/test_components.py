"""The components: what tags and includes print, and that forms of any origin are printed with them."""

import re

import pytest
from django import forms
from django.core.paginator import Paginator
from django.forms.renderers import get_default_renderer
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

from medai.common import widgets
from medai.common.components import icons


def render(source: str, **context) -> str:
    with translation.override("en"):
        return " ".join(Template(source).render(Context(context)).split())


class Form(forms.Form):
    email = forms.EmailField(label="Email", help_text="We write to it once.")
    city = forms.ChoiceField(label="City", choices=[("bog", "Bogotá")], required=False)
    secret = forms.CharField(label="Password", widget=forms.PasswordInput)
    who = forms.ChoiceField(label="Who", choices=[("me", "Me"), ("you", "You")], widget=forms.RadioSelect)
    agreed = forms.BooleanField(label="I agree")
    loud = forms.BooleanField(label="Loud", widget=widgets.Switch, required=False)
    paper = forms.FileField(label="Paper", required=False)
    token = forms.CharField(widget=forms.HiddenInput, required=False)
    code = forms.CharField(label="Code", widget=widgets.OneTimeCode)

    def clean(self):
        if self.data.get("city") == "nowhere":
            raise forms.ValidationError("These do not go together.")


# --- Icons ---


def test_an_icon_is_hidden_unless_it_has_a_label():
    assert 'aria-hidden="true"' in render('{% icon "calendar" %}')
    labelled = render('{% icon "calendar" label="Date" %}')
    assert 'role="img" aria-label="Date"' in labelled
    assert "aria-hidden" not in labelled


def test_an_icon_named_by_data_never_breaks_a_page():
    assert render('{% icon "no-such-icon" %}') == render('{% icon "circle-dot" %}')


def test_a_label_cannot_leave_its_attribute():
    assert '"><b>' not in render('{% icon "calendar" label=label %}', label='"><b>')


def test_every_drawing_can_be_drawn():
    assert len(icons.drawings()) > 200
    assert all("<" in drawing and "script" not in drawing for drawing in icons.drawings().values())


# --- Buttons ---


def test_a_button_does_not_submit_unless_told_to():
    assert 'type="button"' in render('{% button "Save" %}')
    assert 'type="submit"' in render('{% button "Save" type="submit" %}')


def test_other_options_become_attributes():
    html = render(
        '{% button "Save" tone="primary" hx_post="/save/" hx_target="#here" data_x=none %}', none=None
    )
    assert 'hx-post="/save/"' in html
    assert 'hx-target="#here"' in html
    assert "data-x" not in html
    assert 'class="btn btn--primary"' in html


def test_attributes_are_escaped():
    assert "<script>" not in render('{% button "Save" title=text %}', text='"><script>')


def test_an_icon_button_says_its_label():
    html = render('{% button "Edit" icon="pencil" label_hidden=True %}')
    assert 'aria-label="Edit"' in html
    assert "btn--icon" in html
    assert ">Edit<" not in html


def test_a_link_looks_like_a_button_and_has_no_type():
    html = render('{% button "Open" href="/open/" %}')
    assert html.startswith('<a href="/open/"')
    assert "type=" not in html


def test_the_include_and_the_tag_are_one_component():
    assert render('{% button "Save" tone="primary" %}') == render(
        '{% include "components/button.html" with label="Save" tone="primary" type="button" only %}'
    ).replace(
        '<button type="button" class="btn btn--primary" >', '<button class="btn btn--primary" type="button" >'
    )


# --- People ---


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Dra. Valentina Ospina", "VO"),
        ("Dr. Andrés Felipe Quintero", "AQ"),
        ("Óscar", "Ó"),
        ("maría del mar", "MM"),
        ("", ""),
        ("+57 312 555 0187", "30"),
        ("Dr.", ""),
    ],
)
def test_initials(name, expected):
    assert render("{{ name|initials }}", name=name) == expected


def test_a_tint_stays_with_the_person():
    tints = [render("{{ key|tint }}", key=f"person-{number}") for number in range(60)]
    assert set(tints) == {"1", "2", "3", "4", "5", "6"}
    assert tints == [render("{{ key|tint }}", key=f"person-{number}") for number in range(60)]


def test_an_avatar_shows_the_photo_if_there_is_one():
    assert "<img" not in render('{% avatar "Ana Ruiz" %}')
    html = render('{% avatar "Ana Ruiz" photo="/p.jpg" size="lg" %}')
    assert 'src="/p.jpg"' in html
    assert 'alt=""' in html
    assert "avatar--lg" in html


# --- Fields ---


@pytest.fixture
def wrong():
    form = Form({"email": "mariana@", "city": "bog", "who": "me"})
    assert not form.is_valid()
    return form


def test_label_hint_and_error_are_tied_to_the_control(wrong):
    html = render("{% field form.email %}", form=wrong)
    control = re.search(r"<input[^>]*>", html)[0]
    assert 'for="id_email"' in html
    assert 'aria-invalid="true"' in control
    assert 'aria-describedby="id_email_helptext id_email_error"' in control
    assert 'id="id_email_helptext"' in html
    assert 'id="id_email_error"' in html
    assert 'value="mariana@"' in control


def test_a_hint_given_to_the_tag_is_tied_as_well():
    html = render('{% field form.secret hint="Ten characters." %}', form=Form())
    assert 'aria-describedby="id_secret_helptext"' in html
    assert "Ten characters." in html


def test_optional_fields_say_so():
    assert "(optional)" in render("{% field form.city %}", form=Form())
    assert "(optional)" not in render("{% field form.email %}", form=Form())
    assert "(optional)" not in render("{% field form.city optional=False %}", form=Form())


def test_choices_are_a_group_with_a_legend(wrong):
    html = render("{% field form.who %}", form=wrong)
    assert "<fieldset" in html
    assert "Who </legend>" in html
    assert html.count('class="check"') == 2
    assert html.count("checked") == 1


def test_a_checkbox_and_a_switch_have_their_label_beside_them():
    assert 'class="choice" for="id_agreed"' in render("{% field form.agreed %}", form=Form())
    switch = render("{% field form.loud %}", form=Form())
    assert 'role="switch"' in switch
    assert 'class="switch check"' in switch


def test_a_file_field_names_its_control(wrong):
    html = render("{% field form.paper %}", form=wrong)
    assert 'aria-labelledby="id_paper_label"' in html
    assert 'id="id_paper_label"' in html


def test_a_hidden_field_shows_nothing_else():
    assert render("{% field form.token %}", form=Form()) == '<input type="hidden" name="token" id="id_token">'


def test_a_one_time_code_is_one_field_for_autofill():
    html = render("{% field form.code %}", form=Form())
    assert 'autocomplete="one-time-code"' in html
    assert 'inputmode="numeric"' in html
    assert 'maxlength="6"' in html
    assert html.count("<input") == 1


def test_a_form_printed_by_itself_uses_the_components(wrong):
    html = render("{{ form }}", form=wrong)
    assert html.count('class="field"') == len(wrong.visible_fields())
    assert 'class="input"' in html
    assert "errorlist" not in html
    assert '<input type="hidden" name="token" id="id_token">' in html


def test_the_summary_links_to_the_fields(wrong):
    html = render('{% include "components/form_errors.html" with form=form only %}', form=wrong)
    assert 'role="alert"' in html
    assert '<a href="#id_email">Email</a>' in html
    assert "4 answers need a change" in html


def test_the_summary_is_left_out_for_one_wrong_field():
    form = Form({"email": "x", "city": "bog", "secret": "s", "who": "me", "agreed": "on", "code": "123456"})
    assert list(form.errors) == ["email"]
    assert render('{% include "components/form_errors.html" with form=form only %}', form=form) == ""


def test_errors_of_the_whole_form_are_shown():
    form = Form({"city": "nowhere"})
    html = render('{% include "components/form_errors.html" with form=form only %}', form=form)
    assert "These do not go together." in html


def test_a_formset_shows_its_own_errors():
    formset = forms.formset_factory(Form, max_num=1, validate_max=True)(
        {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0"}, prefix="form"
    )
    with translation.override("en"):
        assert not formset.is_valid()
    assert "submit at most 1 form" in render("{{ formset }}", formset=formset)


def test_the_admins_own_widgets_keep_their_look():
    context = {"widget": {"attrs": {"class": "vTextField"}, "type": "text"}}
    get_default_renderer().render("django/forms/widgets/attrs.html", context)
    assert context["widget"]["attrs"]["class"] == "vTextField"


def test_dates_keep_the_form_browsers_read_in_every_language():
    class Born(forms.Form):
        on = forms.DateField(widget=widgets.DatePicker)

    with translation.override("es"):
        html = str(Born(initial={"on": "1988-04-12"})["on"])
    assert 'type="date"' in html
    assert 'value="1988-04-12"' in html


def test_option_cards_carry_a_second_line_and_an_icon():
    class Pay(forms.Form):
        how = forms.ChoiceField(
            choices=[("clinic", "At the clinic")],
            widget=widgets.OptionCards(details={"clinic": "Cash or card"}, icons={"clinic": "banknote"}),
        )

    html = render("{% field form.how %}", form=Pay())
    assert "Cash or card" in html
    assert '<svg class="icon"' in html
    assert 'class="option choice"' in html


# --- Components with a body ---


def test_a_dialog_is_named_by_its_title():
    html = render('{% dialog id="gone" title="Cancel the visit?" %}<p>Sure</p>{% enddialog %}')
    assert 'aria-labelledby="gone-title"' in html
    assert 'id="gone-title">Cancel the visit?' in html
    assert "popover" in html
    assert "<p>Sure</p>" in html
    assert render('{% dialog id="a" title="b" modal=True %}x{% enddialog %}').startswith("<dialog")


def test_text_in_a_body_is_escaped_where_it_comes_from_people():
    assert "<b>" not in render("{% card %}{{ text }}{% endcard %}", text="<b>")


# --- Words, links, pages ---


def test_money_is_written_for_the_reader():
    assert render('{{ amount|money:"COP" }}', amount=None) == ""
    with translation.override("es"):
        spanish = Template('{{ amount|money:"COP" }}').render(Context({"amount": 22000000}))
    assert spanish.replace("\N{NO-BREAK SPACE}", " ") == "$ 220.000"


@pytest.mark.urls("tests.common.design_urls")
def test_an_address_that_nobody_serves_falls_back():
    assert render("{% url_or 'no:such' '/else/' %}") == "/else/"
    assert render("{% url_or 'no:such' %}") == ""


def test_turning_pages_keeps_the_filters():
    request = RequestFactory().get("/", {"q": "corazón", "page": "2", "lang": "es"})
    html = render(
        '{% include "components/pagination.html" %}',
        page_obj=Paginator(range(90), 10).page(2),
        request=request,
    )
    assert "?q=coraz%C3%B3n&amp;page=3&amp;lang=es" in html
    assert 'aria-current="page">2</a>' in html
    assert html.count("…") == 1


def test_one_page_needs_no_pages():
    page_obj = Paginator([1], 10).page(1)
    assert render('{% include "components/pagination.html" %}', page_obj=page_obj) == ""


@pytest.mark.parametrize(("seconds", "text"), [(552, "9:12"), (59, "0:59"), (0, "0:00"), (-4, "0:00")])
def test_a_countdown(seconds, text):
    assert render("{{ seconds|countdown }}", seconds=seconds) == text


@pytest.mark.parametrize(
    ("left", "total", "dash"),
    [(600, 600, "100 100"), (48, 600, "8 100"), (-1, 600, "0 100"), (5, 0, "0 100")],
)
def test_the_ring_never_overflows(left, total, dash):
    assert render("{% ring_dash left total %}", left=left, total=total) == dash


def test_a_table_names_each_cell_for_small_screens():
    html = render_to_string(
        "components/table.html",
        {"caption": "Visits", "columns": [{"label": "Day"}, {"label": "Price"}], "rows": [("Mon", "$ 1")]},
    )
    assert '<th scope="row" data-label="Day">Mon</th>' in html
    assert 'data-label="Price"' in html
