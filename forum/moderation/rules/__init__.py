"""The rules of screening as moderators write them: the editor, trying them out, learning, checks by others."""
