"""What can be measured, each by a command of its own?"""
