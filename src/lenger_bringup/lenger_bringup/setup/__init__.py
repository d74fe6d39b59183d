"""The set-up behind ``./lenger``: standard library only, since it runs before the virtual environment exists."""
