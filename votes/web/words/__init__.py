"""Chinese words for states, audit lines and values, as the templates show them."""
