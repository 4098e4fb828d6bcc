from doctors.models.credentials import Credential
from doctors.models.directory import DirectoryEntry, DirectoryPlace, SearchTerm, SearchTermKind
from doctors.models.doctors import Doctor, DoctorAvailability, DoctorSpecialty, DoctorVerification
from doctors.models.practice import Office, VisitMode, VisitType
from doctors.models.schedules import ScheduleException, WeeklyHours
from doctors.models.specialties import Specialty

__all__ = [
    "Credential",
    "DirectoryEntry",
    "DirectoryPlace",
    "Doctor",
    "DoctorAvailability",
    "DoctorSpecialty",
    "DoctorVerification",
    "Office",
    "ScheduleException",
    "SearchTerm",
    "SearchTermKind",
    "Specialty",
    "VisitMode",
    "VisitType",
    "WeeklyHours",
]
