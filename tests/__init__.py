"""Tests of Aftershow."""
