"""The PX4 flavour of the embedded vehicle."""
