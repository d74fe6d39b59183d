"""The ArduCopter flavour of the embedded vehicle."""
