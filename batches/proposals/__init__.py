"""What people do about proposals: accept and reject them field by field, one by one or many by their confidence."""
