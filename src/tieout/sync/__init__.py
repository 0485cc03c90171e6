"""Stage 8, hand on: the room for the outbox that carries verified journals to the ERP, and for reading them back."""
