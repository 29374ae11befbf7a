"""What does an inbound text mean?"""
