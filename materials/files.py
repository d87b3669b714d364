def check_relative(x): pass
