"""What does a message say: templates, checked when they are read, rendered when they are sent?"""
