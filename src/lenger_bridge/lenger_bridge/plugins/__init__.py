"""The plugins of the embedded endpoint, one file a group of MAVROS plugins; `registry` lists them."""
