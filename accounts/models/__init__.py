from accounts.models.audit import AdminAuditLog, AuditAnchor, ImpersonationSession
from accounts.models.insurance import InsuranceProvider, PatientInsurance
from accounts.models.mail import SignInMail
from accounts.models.patients import Guardianship, Patient, Relationship, Sex
from accounts.models.sessions import ApiSession
from accounts.models.users import STAFF_ROLES, Profile, Role, User

__all__ = [
    "STAFF_ROLES",
    "AdminAuditLog",
    "ApiSession",
    "AuditAnchor",
    "Guardianship",
    "ImpersonationSession",
    "InsuranceProvider",
    "Patient",
    "PatientInsurance",
    "Profile",
    "Relationship",
    "Role",
    "Sex",
    "SignInMail",
    "User",
]
