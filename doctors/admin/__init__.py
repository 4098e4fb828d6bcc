"""The staff's console: doctors to verify, doctors, specialties. Every change is a call of the same services."""

from doctors.admin.doctors import DoctorAdmin
from doctors.admin.specialties import SpecialtyAdmin
from doctors.admin.verification import VerificationAdmin

__all__ = ["DoctorAdmin", "SpecialtyAdmin", "VerificationAdmin"]
