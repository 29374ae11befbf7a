"""What do editors need to complete and check the files while they are written?"""
