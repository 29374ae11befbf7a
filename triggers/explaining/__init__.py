"""Why did each trigger speak to a customer, or stay silent? From what was stored, in words."""
