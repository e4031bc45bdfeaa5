// fonts are those of the system: no page asks another host
import theme from 'vitepress/theme-without-fonts';
import './style.css';

export default theme;
