from accounts.models.audit import AdminAuditLog, AuditAnchor, ImpersonationSession
from accounts.models.insurance import InsuranceProvider, PatientInsurance
from accounts.models.patients import Guardianship, Patient
from accounts.models.users import Profile, Role, User

__all__ = [
    "AdminAuditLog",
    "AuditAnchor",
    "Guardianship",
    "ImpersonationSession",
    "InsuranceProvider",
    "Patient",
    "PatientInsurance",
    "Profile",
    "Role",
    "User",
]
