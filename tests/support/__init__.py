"""What tests share; each module does one thing."""
