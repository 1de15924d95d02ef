"""The code on the mail (address block location): of all numbers on an envelope that of the address."""
