"""What every layer may use: standard library only, no input or output."""
