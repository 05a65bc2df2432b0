from privaudit.screenshots.read_heat import read_heat as read_heat
from privaudit.screenshots.read_screenshot import read_screenshot as read_screenshot
