"""What is ours compared with? The same job as others would write it, and the least it can cost."""
