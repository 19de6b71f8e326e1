"""What nodes are expected to take: from what they took before on this machine, else from models."""
