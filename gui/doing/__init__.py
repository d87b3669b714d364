"""What the window's commands do. A method has the name of its command; see `gui.commands`."""
