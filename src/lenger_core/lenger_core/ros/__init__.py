"""ROS helpers: the only place beside the `*_node.py` files that imports rclpy."""
