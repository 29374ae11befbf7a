"""When must nothing be sent: nights, weekdays, national holidays, Sabbath and Yom Tov?"""
