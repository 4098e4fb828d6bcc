"""A believable city for trying the product: doctors, patients and their visits, all invented."""
