"""Forms of the doctor's portal. They read and show; the services decide."""

from doctors.forms.documents import CredentialForm, PhotoForm
from doctors.forms.practice import OfficeForm, VisitTypeForm
from doctors.forms.profile import ProfileForm, QualificationFormSet, qualifications_of
from doctors.forms.schedule import ExceptionForm, RulesForm

__all__ = [
    "CredentialForm",
    "ExceptionForm",
    "OfficeForm",
    "PhotoForm",
    "ProfileForm",
    "QualificationFormSet",
    "RulesForm",
    "VisitTypeForm",
    "qualifications_of",
]
