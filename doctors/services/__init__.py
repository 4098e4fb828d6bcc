"""Every write to a doctor's practice. Each verb is one transaction and ends in its object or a `DomainError`.

Whoever asks is `medai.common.identity.current_identity()`: the doctor, staff, or the system. A practice out of their
reach does not exist for them. What changes free slots counts `schedule_version` up, records
`doctor.schedule_changed` and tells the pages that show slots.
"""
